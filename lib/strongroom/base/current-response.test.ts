import { expect, it } from 'vitest';
import { runInRequest } from './current-request';
import { noteResponse, setResponseStatus } from './current-response';

const statusAfter = (headersSent: boolean, isKnown = true) => {
  const request = { requestId: 'request-1', arrivedAtSec: 0 };
  const response = { headersSent, statusCode: 200 };
  if (isKnown) noteResponse(request, response);
  runInRequest(request, () => setResponseStatus(404));
  return response.statusCode;
};

it('a page chooses the status of its own response, until the first byte has left', () => {
  expect([statusAfter(false), statusAfter(true), statusAfter(false, false)]).toEqual([404, 200, 200]);
  setResponseStatus(404);
});
